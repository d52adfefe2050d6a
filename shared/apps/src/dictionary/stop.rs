//! Function words that are no key, whatever an ontology says (the NCBI taxonomy has a genus `This`).

/// In byte order.
#[rustfmt::skip]
const STOP: &[&str] = &[
    "about", "above", "across", "after", "again", "against", "all", "almost", "alone", "along",
    "already", "also", "although", "always", "among", "and", "another", "any", "anyone", "anything",
    "are", "around", "away", "back", "became", "because", "become", "been", "before", "behind",
    "being", "below", "between", "both", "but", "call", "can", "cannot", "could", "did", "does",
    "doing", "done", "down", "during", "each", "either", "else", "elsewhere", "empty", "enough",
    "even", "ever", "every", "everyone", "everything", "except", "first", "five", "for", "former",
    "four", "from", "full", "further", "give", "had", "has", "have", "having", "hence", "her",
    "here", "herself", "him", "himself", "his", "how", "however", "indeed", "into", "its", "itself",
    "just", "keep", "last", "least", "less", "made", "make", "many", "may", "meanwhile", "might",
    "mine", "more", "moreover", "most", "mostly", "much", "must", "myself", "namely", "neither",
    "never", "nevertheless", "next", "nine", "nobody", "none", "nor", "not", "nothing", "now",
    "nowhere", "off", "often", "once", "one", "only", "onto", "other", "others", "otherwise", "our",
    "ours", "ourselves", "out", "over", "own", "part", "per", "perhaps", "please", "put", "quite",
    "rather", "really", "same", "second", "see", "seem", "seemed", "seems", "several", "shall",
    "she", "should", "show", "side", "since", "some", "somehow", "someone", "something",
    "sometimes", "somewhere", "still", "such", "take", "than", "that", "the", "their", "theirs",
    "them", "themselves", "then", "thence", "there", "thereafter", "thereby", "therefore",
    "therein", "these", "they", "third", "this", "those", "though", "three", "through",
    "throughout", "thus", "together", "too", "toward", "towards", "two", "under", "unless", "until",
    "upon", "used", "using", "various", "very", "via", "was", "well", "were", "what", "whatever",
    "when", "whence", "whenever", "where", "whereas", "whereby", "wherein", "whether", "which",
    "while", "who", "whole", "whom", "whose", "why", "will", "with", "within", "without", "would",
    "yet", "you", "your", "yours", "yourself",
];

/// Whether a key is a function word.
pub(crate) fn is_stop(key: &str) -> bool {
    STOP.binary_search(&key).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_each_word_is_found() {
        assert!(STOP.is_sorted());
        assert!(STOP.iter().all(|word| is_stop(word)));
        assert!(!is_stop("fever") && !is_stop(""));
    }
}
